import { flushCompileCache } from 'node:module';
import { main } from '@pulumi/pulumi/provider/index.js';
import { watchEngine } from './engine-watch.ts';
import { serveOwnUser } from './own-user.ts';
import { PosternProvider } from './postern.ts';

const args = process.argv.slice(2);
const provider = new PosternProvider(args);
watchEngine(() => void provider.engineGone().finally(() => process.exit(1)));
await serveOwnUser(() => main(provider, args));

// The engine ends a plugin by a signal, before Node.js would save what it compiled; the next start is faster for it.
setTimeout(() => flushCompileCache(), 300).unref();
