export interface JsonSchema { [key: string]: unknown }
