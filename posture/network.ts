/** The networks a node can belong to; each is a Pulumi stack of its own. */
export const NETWORKS = ['mainnet', 'devnet', 'testnet'] as const;

/** `mainnet`, `devnet` or `testnet`. */
export type Network = (typeof NETWORKS)[number];

/** Each network's peer-to-peer port (TCP), as the Mainsail and ARK guides give them. */
export const P2P_PORTS: Readonly<Record<Network, number>> = { mainnet: 4001, devnet: 4002, testnet: 4000 };

/** The port of a node's public API (TCP), the same on every network in the guides. */
export const API_PORT = 4003;
