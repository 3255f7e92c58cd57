/** What `npm run bench:imports` measures apart. */
export { openStore } from '../../src/store/open.ts';
export { decodeList, linesOf } from '../../src/transfer/bytes.ts';
export { readCsv } from '../../src/transfer/csv.ts';
export { readMappings } from '../../src/transfer/csv-mapping.ts';
export { readFhir } from '../../src/transfer/fhir/read.ts';
export { NameCleaning } from '../../src/transfer/name-cleaning.ts';
export { openKeyed, settle } from '../../src/vault/driver.ts';
export { storeNeeds } from '../store/vault.ts';
