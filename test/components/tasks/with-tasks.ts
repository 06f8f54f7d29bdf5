import { generateKeyPairSync } from 'node:crypto';
import * as pulumi from '@pulumi/pulumi';
import { Hardening } from '../../../components/resources.ts';
import { runTasks } from '../../../components/tasks/run-tasks.ts';
import { opensshKey } from '../../../provider/host-keys/openssh-key.ts';
import { type Run, type RunOptions, resolved, runProgram, SEQUENCES } from '../program.ts';

/** Type of a command's resource. */
export const COMMAND = 'command:remote:Command';

/** The operator's key. */
export const privateKey = opensshKey(generateKeyPairSync('ed25519').privateKey, 1).privateKey;

/** A task. */
export const FIRST = { name: 'install', run: 'sudo apt-get install -y nginx' };

/** A task with triggers. */
export const SECOND = { name: 'start', run: 'sudo systemctl start nginx', triggers: ['v2'] };

/** What is laid over the host and the stack that {@link withTasks} has by default. */
export interface Setting extends RunOptions {
  readonly host?: object;
  readonly stack?: object;
  readonly address?: string;
}

/** Runs the tasks of one sealed host against the mocks. */
export function withTasks(tasks: object[], { host, stack, address, ...options }: Setting = {}): Promise<Run> {
  return runProgram(async () => {
    const configured = resolved({ name: 'node-1', identity: { privateKey }, tasks, ...host }, stack);
    const way = {
      address: address ?? '203.0.113.7',
      port: 22,
      user: 'root',
      hostKeys: ['ssh-ed25519 AAAAfirst'],
    };
    const vps = new pulumi.ComponentResource('test:Vps', 'node-1');
    const hardening = new Hardening('node-1', {
      posture: configured.posture,
      way,
      sequences: pulumi.secret(SEQUENCES),
      candidates: pulumi.secret('[]'),
      rules: [],
      files: {},
      exposure: [],
      removal: '',
    });
    await runTasks({ host: configured, way: pulumi.output(way), hardening, vps }, {});
  }, options);
}
