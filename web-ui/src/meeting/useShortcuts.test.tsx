// @vitest-environment jsdom
import { fireEvent, render, screen } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { Confirm } from '../ui/Modal';
import { useShortcuts } from './useShortcuts';

const toggle = vi.fn();

function Meeting({ asks }: { asks: boolean }) {
  useShortcuts({ m: toggle });
  return (
    <Confirm
      title="End?"
      confirmLabel="End"
      cancelLabel="Cancel"
      isOpen={asks}
      onConfirm={() => undefined}
      onClose={() => undefined}
    >
      <p>Really?</p>
    </Confirm>
  );
}

it('leaves single keys alone while something is asked', () => {
  const { rerender } = render(<Meeting asks />);
  fireEvent.keyDown(screen.getByRole('button', { name: 'Cancel' }), { key: 'm' });
  expect(toggle).not.toHaveBeenCalled();
  rerender(<Meeting asks={false} />);
  fireEvent.keyDown(document.body, { key: 'm' });
  expect(toggle).toHaveBeenCalledOnce();
});
