// No resources: an `up` of this is the engine's floor.
export {};
