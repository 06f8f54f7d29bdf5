import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

/** Packages that a fresh Node.js has loaded after importing a module of the project. */
function packagesOf(module: string): string[] {
  const program = `
    import { createRequire } from 'node:module';
    await import(process.argv[1]);
    const { cache } = createRequire(process.argv[1]);
    console.log(JSON.stringify(Object.keys(cache)));
  `;
  const answer = execFileSync(
    process.execPath,
    ['--input-type=module', '--eval', program, join(ROOT, module)],
    { cwd: ROOT, encoding: 'utf8' },
  );
  const paths = JSON.parse(answer) as string[];
  return [...new Set(paths.map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? 'own'))];
}

it.each(['components/fleet.ts', 'components/stack-config.ts', 'provider/postern.ts'])(
  '%s loads the SDK’s parts that it uses, not all of it with TypeScript and an npm client',
  (module) => {
    const loaded = packagesOf(module);
    expect(loaded).toContain('@pulumi/pulumi');
    expect(loaded).not.toContain('typescript');
    expect(loaded).not.toContain('@npmcli/arborist');
  },
);
