import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

function calls(): [string, string][] {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const sources = files.filter((file) => /\.tsx?$/.test(file) && !file.includes('.test.'));
  return sources.flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return [...text.matchAll(/\bapi\.(GET|POST|PUT|PATCH|DELETE)\('([^']+)'/g)].map(
      ([, method = '', path = '']): [string, string] => [method.toLowerCase(), path],
    );
  });
}

describe('every call of the pages', () => {
  const document = JSON.parse(readFileSync(join(root, '../../docs/openapi.json'), 'utf8')) as {
    paths: Record<string, Record<string, unknown>>;
  };
  const found = calls();

  it('is seen by this test', () => expect(found.length).toBeGreaterThan(15));
  it.each(found)("%s %s is in the box's OpenAPI document", (method, path) => {
    expect(Object.keys(document.paths)).toContain(path);
    expect(document.paths[path]).toHaveProperty(method);
  });
});
