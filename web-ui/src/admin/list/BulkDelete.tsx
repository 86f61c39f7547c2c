/** The button that does away with what is ticked; what it opens asks before. */
import { Trash2 } from 'lucide-react';
import { Button } from '../../ui/Button';

export function BulkDelete({ label, onPress }: { label: string; onPress: () => void }) {
  return (
    <Button variant="danger" icon={<Trash2 size={18} aria-hidden />} onPress={onPress}>
      {label}
    </Button>
  );
}
