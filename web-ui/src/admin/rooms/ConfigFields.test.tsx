// @vitest-environment jsdom
import { fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { describe, expect, it } from 'vitest';
import { ConfigFields, isInRange } from './ConfigFields';
import { FRESH } from './newRoom';

let now = FRESH.config;

function Fields() {
  const [draft, setDraft] = useState(FRESH.config);
  now = draft;
  return (
    <>
      <ConfigFields draft={draft} onDraft={setDraft} isDisabled={false} />
      <button onClick={() => setDraft(FRESH.config)}>Discard</button>
    </>
  );
}

describe('a limit', () => {
  it.each(['2.5', '-1', '1e9', 'ten', '0', '1001'])('%s is kept as typed, and said to be none', (text) => {
    render(<Fields />);
    const field = screen.getByLabelText<HTMLInputElement>('People at most');
    fireEvent.change(field, { target: { value: text } });
    expect(field.value).toBe(text);
    expect(field.getAttribute('aria-invalid')).toBe('true');
    expect(isInRange(now)).toBe(false);
    fireEvent.click(screen.getByRole('button', { name: 'Discard' }));
    expect(field.value).toBe('');
  });

  it('is a number or nothing', () => {
    render(<Fields />);
    const field = screen.getByLabelText<HTMLInputElement>('People at most');
    fireEvent.change(field, { target: { value: '25' } });
    expect(now.maxParticipants).toBe(25);
    fireEvent.change(field, { target: { value: '' } });
    expect(now.maxParticipants).toBeNull();
  });
});
