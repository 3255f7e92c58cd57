/** What `npm run bench:imports` measures apart. */

export { decodeList, linesOf } from '../../src/formats/bytes.ts';
export { readCsv } from '../../src/formats/csv.ts';
export { readMappings } from '../../src/formats/csv-mapping.ts';
export { readFhir } from '../../src/formats/fhir/fhir-reader.ts';
export { nameDigits } from '../../src/formats/patient-values.ts';
export { Sql } from '../../src/store/sql.ts';
export { openStore } from '../../src/store/store.ts';
export { openKeyed } from '../../src/vault/open.ts';
export { storeNeeds } from '../store/vault.ts';
