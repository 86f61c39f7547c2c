import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

/** Names of the pages' types, and what the box's document calls them. */
const NAMES = {
  Error: 'ErrorBody',
  User: 'UserBody',
  Group: 'GroupBody',
  ApiKey: 'ApiKeyBody',
  AuditEntry: 'AuditBody',
  Room: 'RoomBody',
  RoomConfig: 'ConfigBody',
  RoomAccess: 'AccessBody',
  RoomRoles: 'RolesBody',
  DeletionPolicy: 'PolicyBody',
  RoomMember: 'MemberBody',
  Recording: 'RecordingBody',
  Webhook: 'WebhookBody',
  WebhookAsk: 'WebhookAsk',
  Delivery: 'DeliveryBody',
  Box: 'AboutBody',
  BoxStatus: 'BoxStatus',
  BoxParticipant: 'ParticipantView',
  BoxRecording: 'RecordingView',
  BoxDevice: 'DeviceStatus',
  Disk: 'DiskView',
  Leds: 'Leds',
  Panel: 'PanelBody',
} as const;

interface Schema {
  properties?: Record<string, { enum?: string[]; $ref?: string }>;
  required?: string[];
}

const file = join(import.meta.dirname, 'types.ts');
const program = ts.createProgram([file], { strict: true, module: ts.ModuleKind.ESNext, noEmit: true, types: [] });
const checker = program.getTypeChecker();

/** The properties of a schema of the pages, and whether each is always there. */
function ours(name: string): Map<string, boolean> {
  const source = program.getSourceFile(file);
  const components = source?.statements.find(
    (one): one is ts.InterfaceDeclaration => ts.isInterfaceDeclaration(one) && one.name.text === 'components',
  );
  const schemas = components && checker.getTypeAtLocation(components).getProperty('schemas');
  const one = schemas && checker.getTypeOfSymbol(schemas).getProperty(name);
  const properties = one ? checker.getTypeOfSymbol(one).getProperties() : [];
  return new Map(properties.map((each) => [each.name, (each.flags & ts.SymbolFlags.Optional) === 0]));
}

describe('what the pages expect of the box', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../docs/openapi.json'), 'utf8');
  const { components } = JSON.parse(text) as { components: { schemas: Record<string, Schema> } };

  it.each(Object.entries(NAMES))('%s is as the document has it', (name, theirs) => {
    const { properties = {}, required = [] } = components.schemas[theirs] ?? {};
    const expected = ours(name);
    expect(expected.size).toBeGreaterThan(0);
    expect([...expected.keys()].filter((key) => !(key in properties))).toEqual([]);
    const optional = new Set(Object.keys(properties).filter((key) => !required.includes(key)));
    expect([...expected].filter(([key, always]) => always && optional.has(key)).map(([key]) => key)).toEqual([]);
  });
});
