import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIGURATION_DOCUMENT, configurationDocument } from './configuration.ts';

// `npm run docs`: writes the documents that are made from the code.
writeFileSync(join(import.meta.dirname, '../..', CONFIGURATION_DOCUMENT), configurationDocument());
