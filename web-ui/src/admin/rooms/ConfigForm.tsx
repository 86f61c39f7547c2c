/** What is possible in the meetings of a room (features R6). */
import { useTranslation } from 'react-i18next';
import { useChangeRoom } from '../../api/manageRooms';
import type { RoomConfig } from '../../api/model';
import { Form } from '../../ui/Form';
import { Card } from '../../ui/Surface';
import { showToast } from '../../ui/toastStore';
import { ConfigFields, isInRange, type ConfigPartProps } from './ConfigFields';
import { FixedNote } from './FixedNote';
import { SaveBar } from './SaveBar';
import { useDraft } from '../useDraft';
import { useRoom } from './useRoom';

export function ConfigForm({ config }: { config: RoomConfig }) {
  const { t } = useTranslation();
  const { room, etag, mayManage, isFixed } = useRoom();
  const change = useChangeRoom({ room, etag });
  const draft = useDraft(config);
  const { value, set } = draft;
  const part: ConfigPartProps = { draft: value, onDraft: set, isDisabled: !mayManage || isFixed };
  const save = () =>
    change.mutate(
      { kind: 'config', config: value },
      {
        onSuccess: () => {
          draft.saved(value);
          showToast(t('form.saved'));
        },
      },
    );
  return (
    <Card title={t('roomConfig.title')}>
      <FixedNote />
      <Form onSubmit={() => isInRange(value) && save()} isPending={change.isPending}>
        <ConfigFields {...part} />
        {mayManage && (
          <SaveBar error={change.error} isPending={change.isPending} draft={draft} isDisabled={part.isDisabled} />
        )}
      </Form>
    </Card>
  );
}
