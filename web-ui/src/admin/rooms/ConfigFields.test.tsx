// @vitest-environment jsdom
import { fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { describe, expect, it } from 'vitest';
import { ConfigFields, isInRange } from './ConfigFields';
import { FRESH } from './newRoom';

function Fields() {
  const [draft, setDraft] = useState(FRESH.config);
  return (
    <>
      <ConfigFields draft={draft} onDraft={setDraft} isDisabled={false} />
      <output>{`${draft.maxParticipants ?? 'no limit'}, ${isInRange(draft) ? 'fits' : 'does not fit'}`}</output>
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
    expect(screen.getByRole('status').textContent).toContain('does not fit');
    fireEvent.click(screen.getByRole('button', { name: 'Discard' }));
    expect(field.value).toBe('');
  });

  it('is a number or nothing', () => {
    render(<Fields />);
    const field = screen.getByLabelText<HTMLInputElement>('People at most');
    fireEvent.change(field, { target: { value: '25' } });
    expect(screen.getByRole('status').textContent).toBe('25, fits');
    fireEvent.change(field, { target: { value: '' } });
    expect(screen.getByRole('status').textContent).toBe('no limit, fits');
  });
});
