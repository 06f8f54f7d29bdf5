import { once } from 'node:events';
import { Socket } from 'node:net';
import { binaryStdio, carry } from '../../cli/ssh/pipe.ts';

// A ProxyCommand without the knock: connects to the loopback port in argv and carries standard input and output.
const socket = new Socket({ allowHalfOpen: true });
socket.connect(Number(process.argv[2]), '127.0.0.1');
await once(socket, 'connect');
process.exitCode = (await carry(socket, binaryStdio())) ? 0 : 1;
process.exit();
