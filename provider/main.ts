import { flushCompileCache } from 'node:module';
import { main } from '@pulumi/pulumi/provider/index.js';
import { serveOwnUser } from './own-user.ts';
import { PosternProvider } from './postern.ts';

const args = process.argv.slice(2);
await serveOwnUser(() => main(new PosternProvider(args), args));

// The engine ends a plugin by a signal, before Node.js would save what it compiled; the next start is faster for it.
setTimeout(() => flushCompileCache(), 300).unref();
