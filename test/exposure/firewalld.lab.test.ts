import { exposureSuite } from './suite.ts';

exposureSuite('firewalld');
