import { main } from '@pulumi/pulumi/provider/index.js';
import { PosternProvider } from './postern.ts';

const args = process.argv.slice(2);
await main(new PosternProvider(args), args);
