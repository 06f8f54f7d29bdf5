import { exposureSuite } from './suite.ts';

exposureSuite('ufw');
