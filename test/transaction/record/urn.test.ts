import { expect, it } from 'vitest';
import { partsOfUrn } from '../../../transaction/record/urn.ts';

it('a URN says stack, project, the resource’s own type and its name', () => {
  const parts = { stack: 'devnet', project: 'postern', type: 'postern:index:Hardening', name: 'devnet-1' };
  expect(
    partsOfUrn('urn:pulumi:devnet::postern::postern:index:Vps$postern:index:Hardening::devnet-1'),
  ).toEqual(parts);
  expect(partsOfUrn('urn:pulumi:devnet::postern::postern:index:Hardening::devnet-1')).toEqual(parts);
  expect(partsOfUrn('')).toEqual({ stack: '', project: '', type: '', name: '' });
});
