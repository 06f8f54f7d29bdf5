/** What a URN of Pulumi says of its resource, `urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME`; empty for what it lacks. */
export function partsOfUrn(urn: string): { stack: string; project: string; type: string; name: string } {
  const parts = urn.split('::');
  return {
    stack: parts[0]?.split(':').at(-1) ?? '',
    project: parts[1] ?? '',
    type: parts[2]?.split('$').at(-1) ?? '',
    name: parts.at(-1) ?? '',
  };
}
