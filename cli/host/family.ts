import { isIP } from 'node:net';
import type { HostOutput } from '../../components/outputs.ts';
import type { Family } from '../../remote/address.ts';
import { RemoteError } from '../../remote/error.ts';
import type { Vantage } from '../../remote/vantage.ts';
import type { ParsedArgs } from '../command-line/command.ts';
import { CommandError, usageError } from '../command-line/exit.ts';

/** Where a host is over one IP version. Knock and connection have to share it: a door opens for the address that knocked. */
export interface Place {
  readonly family: Family;
  /** IP literal. */
  readonly address: string;
  /** The address that the vantage sends from towards it; undefined: no route leads there. */
  readonly source: string | undefined;
}

/** The IP version that `-4` or `-6` asks for. @throws CommandError `usage` when both are given. */
export function askedFamily(given: ParsedArgs): Family | undefined {
  if (given.flag('ipv4') && given.flag('ipv6')) throw usageError('-4 and -6 exclude each other: give one');
  return given.flag('ipv4') ? 4 : given.flag('ipv6') ? 6 : undefined;
}

type Addresses = Pick<HostOutput, 'name' | 'address' | 'addressV6'>;

/** Every IP version over which the host has an address, IPv4 first, as the vantage knows it. A name that does not resolve is left out. */
export async function placesOf(host: Addresses, vantage: Vantage): Promise<Place[]> {
  const wanted: [Family, string | null][] = [
    [4, isIP(host.address) === 6 ? null : host.address],
    [6, host.addressV6 ?? (isIP(host.address) === 6 ? host.address : null)],
  ];
  const places = await Promise.all(
    wanted.map(async ([family, name]) => {
      if (name === null) return [];
      const address = await vantage.resolve(name, family).catch((error: unknown) => {
        if (error instanceof RemoteError && error.kind === 'unresolved') return undefined;
        throw error;
      });
      return address === undefined
        ? []
        : [{ family, address, source: await vantage.localAddressFor(address) }];
    }),
  );
  return places.flat();
}

/**
 * Where to knock and connect: the IP version asked for, else the first that a route leads to.
 *
 * @throws CommandError when the host has no such address, or no route leads to any.
 */
export async function placeOf(host: Addresses, asked: Family | undefined, vantage: Vantage): Promise<Place> {
  const places = await placesOf(host, vantage);
  const fitting = asked === undefined ? places : places.filter(({ family }) => family === asked);
  const [first] = fitting;
  if (first === undefined) {
    const what =
      asked === undefined
        ? `address that resolves on ${vantage.name} (${host.address})`
        : `IPv${asked} address`;
    throw new CommandError(`${host.name} has no ${what}.`);
  }
  const place = fitting.find(({ source }) => source !== undefined);
  if (place !== undefined) return place;
  const where = fitting.map(({ address }) => address).join(' or ');
  throw new CommandError(
    `No route leads to ${host.name} (${where}) from ${vantage.name}. Check its network.`,
  );
}
