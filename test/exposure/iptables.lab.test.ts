import { exposureSuite } from './suite.ts';

exposureSuite('iptables');
