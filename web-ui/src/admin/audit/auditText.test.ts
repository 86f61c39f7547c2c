import { describe, expect, it } from 'vitest';
import { t } from 'i18next';
import { actionText, actorText } from './auditText';

describe('the audit log in words', () => {
  it.each([
    ['room.setStatus', 'Room opened or closed'],
    ['toString', 'toString'],
    ['some.new', 'some.new'],
  ])('%s reads “%s”', (action, text) => expect(actionText(action, t)).toBe(text));

  it.each([
    ['user:ann_s', 'ann_s'],
    ['key:key-1', 'API key key-1'],
    ['box', 'This box'],
    ['ghost:1', 'ghost:1'],
  ])('%s reads “%s”', (who, text) => expect(actorText(who, t)).toBe(text));
});
