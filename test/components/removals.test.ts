import * as pulumi from '@pulumi/pulumi';
import { expect, it, vi } from 'vitest';
import { warnOfRemovals } from '../../components/removals.ts';

const warned = vi.hoisted(() => [] as string[]);
vi.mock('@pulumi/pulumi/log/index.js', () => ({ warn: async (text: string) => warned.push(text) }));

const urn = (type: string, name: string) =>
  `urn:pulumi:devnet::postern::postern:components:Fleet$postern:components:HardenedVps$${type}::${name}`;

/** What the engine says of a resource of the stack. */
const resource = (type: string, name: string, outputs: object) =>
  [urn(type, name), { type, outputs }] as const;

it('says of each host that the state alone has what becomes of it', async () => {
  const outputs = Object.fromEntries([
    resource('postern:index:Hardening', 'a', { removal: 'Removing this host deletes the VPS.' }),
    resource('postern:index:Hardening', 'b', { removal: 'Removing this host restores it.' }),
    resource('postern:index:LabVps', 'c', { removal: 'no host' }),
    resource('postern:index:Hardening', 'd', {}),
  ]);
  const asked: string[] = [];
  const mocks = {
    call: ({ token, inputs }: pulumi.runtime.MockCallArgs) => {
      asked.push(`${token} ${inputs['stackName']}`);
      return { outputs };
    },
    newResource: () => ({ id: '', state: {} }),
  };
  await pulumi.runtime.setMocks(mocks, 'postern', 'devnet', false, 'organization');
  await warnOfRemovals(['a']);
  expect(warned).toEqual(['b is no longer configured. Removing this host restores it.']);
  expect(asked).toEqual([
    expect.stringMatching(/^pulumi:pulumi:readStackResourceOutputs organization\/postern\/devnet$/),
  ]);
});

it('says nothing where the state cannot be read, as before the first `up`', async () => {
  warned.length = 0;
  const mocks = {
    call: () => {
      throw new Error('unknown stack');
    },
    newResource: () => ({ id: '', state: {} }),
  };
  await pulumi.runtime.setMocks(mocks, 'postern', 'devnet', false, 'organization');
  await warnOfRemovals(['a']);
  expect(warned).toEqual([]);
});
