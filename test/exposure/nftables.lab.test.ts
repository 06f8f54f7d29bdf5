import { exposureSuite } from './suite.ts';

exposureSuite('nftables');
