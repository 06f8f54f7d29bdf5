import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const LONGEST = { code: 250, test: 350 };

/** A row of the import table of docs/architecture.md. */
interface Row {
  readonly folder: string;
  readonly imports: readonly Allowed[];
  readonly packages: readonly Allowed[];
}

interface Allowed {
  readonly name: string;
  readonly typesOnly: boolean;
}

interface Import {
  readonly target: string;
  readonly typeOnly: boolean;
}

interface Source {
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  readonly hasDefaultExport: boolean;
}

const table = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8')
  .split('\n')
  .flatMap((line): Row[] => {
    const cells = line.split('|').map((cell) => cell.trim());
    const folder = /^`([^`]+)`$/.exec(cells[1] ?? '')?.[1];
    return folder === undefined || cells.length !== 6
      ? []
      : [{ folder, imports: allowed(cells[3]), packages: allowed(cells[4]) }];
  });

function allowed(cell = ''): Allowed[] {
  return [...cell.matchAll(/`([^`]+)`( \(types\))?/g)].map(([, name = '', types]) => ({
    name,
    typesOnly: types !== undefined,
  }));
}

const sources = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter(Boolean)
  .flatMap((path) => readSource(path));

function readSource(path: string): Source[] {
  let text: string;
  try {
    text = readFileSync(join(ROOT, path), 'utf8');
  } catch {
    // Deleted, and git was not told yet.
    return [];
  }
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
  const imports: Import[] = [];
  let hasDefaultExport = false;
  const visit = (node: ts.Node): void => {
    const found = importOf(node);
    if (found !== undefined) imports.push(found);
    hasDefaultExport ||= isDefaultExport(node);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return [{ path, lines: text.split('\n').length - 1, imports, hasDefaultExport }];
}

function importOf(node: ts.Node): Import | undefined {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    const bindings = node.importClause?.namedBindings;
    const named = bindings !== undefined && ts.isNamedImports(bindings) ? bindings.elements : undefined;
    const onlyTypes = named !== undefined && named.length > 0 && named.every((element) => element.isTypeOnly);
    const typeOnly = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
    return {
      target: node.moduleSpecifier.text,
      typeOnly: typeOnly || (onlyTypes && node.importClause?.name === undefined),
    };
  }
  if (
    ts.isExportDeclaration(node) &&
    node.moduleSpecifier !== undefined &&
    ts.isStringLiteral(node.moduleSpecifier)
  )
    return { target: node.moduleSpecifier.text, typeOnly: node.isTypeOnly };
  if (
    ts.isImportTypeNode(node) &&
    ts.isLiteralTypeNode(node.argument) &&
    ts.isStringLiteral(node.argument.literal)
  )
    return { target: node.argument.literal.text, typeOnly: true };
  const [argument] =
    ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword ? node.arguments : [];
  return argument !== undefined && ts.isStringLiteral(argument)
    ? { target: argument.text, typeOnly: false }
    : undefined;
}

function isDefaultExport(node: ts.Node): boolean {
  if (ts.isExportAssignment(node)) return true;
  if (ts.isExportSpecifier(node)) return node.name.text === 'default';
  return (
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)
  );
}

function resolve(from: string, target: string): string {
  return normalize(join(from, '..', target));
}

function inside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function rowOf(path: string): Row | undefined {
  return table.find(({ folder }) => inside(path, folder));
}

/** Why an import is against the table; undefined when it is not. */
function offence(path: string, { target, typeOnly }: Import, row: Row): string | undefined {
  const isFile = target.startsWith('.');
  const name = isFile ? resolve(path, target) : target;
  if (isFile && inside(name, row.folder)) return undefined;
  const list = isFile ? row.imports : row.packages;
  const rule = list.find(
    (entry) =>
      entry.name === '*' || inside(name, entry.name) || (entry.name === 'node:' && name.startsWith('node:')),
  );
  if (rule === undefined) return `${path} imports ${name}`;
  return rule.typesOnly && !typeOnly ? `${path} imports more than types of ${name}` : undefined;
}

/** The first ring of files that import each other, as the files in order. */
function ring(): string[] {
  const graph = new Map(
    sources.map(({ path, imports }) => [
      path,
      imports.filter(({ target }) => target.startsWith('.')).map(({ target }) => resolve(path, target)),
    ]),
  );
  const done = new Set<string>();
  const search = (path: string, trail: readonly string[]): string[] => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (done.has(path)) return [];
    for (const next of graph.get(path) ?? []) {
      const found = search(next, [...trail, path]);
      if (found.length > 0) return found;
    }
    done.add(path);
    return [];
  };
  for (const path of graph.keys()) {
    const found = search(path, []);
    if (found.length > 0) return found;
  }
  return [];
}

describe('the architecture', () => {
  it('has a row in docs/architecture.md for every folder with code, and code for every row', () => {
    expect(table.length).toBeGreaterThan(8);
    expect(sources.filter(({ path }) => rowOf(path) === undefined).map(({ path }) => path)).toEqual([]);
    const empty = table.filter(({ folder }) => !sources.some(({ path }) => inside(path, folder)));
    expect(empty.map(({ folder }) => folder)).toEqual([]);
  });

  it.each(table.map((row) => [row.folder, row] as const))(
    'holds the imports of %s to the table',
    (folder, row) => {
      const offences = sources
        .filter(({ path }) => inside(path, folder))
        .flatMap(({ path, imports }) => imports.map((found) => offence(path, found, row)))
        .filter((found) => found !== undefined);
      expect(offences).toEqual([]);
    },
  );

  it('has no import that leads nowhere', () => {
    const paths = new Set(sources.map(({ path }) => path));
    const lost = sources.flatMap(({ path, imports }) =>
      imports
        .filter(({ target }) => target.startsWith('.') && target.endsWith('.ts'))
        .map(({ target }) => resolve(path, target))
        .filter((target) => !paths.has(target)),
    );
    expect(lost).toEqual([]);
  });

  it('has no ring of files that import each other', () => {
    expect(ring()).toEqual([]);
  });

  it('has short files', () => {
    const limit = (path: string) => (inside(path, 'test') ? LONGEST.test : LONGEST.code);
    const long = sources.filter(({ path, lines }) => lines > limit(path));
    expect(long.map(({ path, lines }) => `${path}: ${lines} lines`)).toEqual([]);
    const code = sources
      .filter(({ path }) => !inside(path, 'test'))
      .map(({ lines }) => lines)
      .sort((a, b) => a - b);
    expect(code[Math.floor(code.length / 2)]).toBeLessThan(100);
  });

  it('exports nothing as default', () => {
    const files = sources.filter(
      ({ hasDefaultExport, path }) => hasDefaultExport && !/(^|\/)vitest\.[a-z.]*ts$/.test(path),
    );
    expect(files.map(({ path }) => path)).toEqual([]);
  });
});
