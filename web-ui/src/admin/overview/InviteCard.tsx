/** The room's links, to copy, scan or open. */
import { DoorOpen } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Box } from '../../api/model';
import { InviteLink, type Guest } from '../../app/InviteLink';
import { LinkButton } from '../../ui/Button';
import { Card } from '../../ui/Surface';

export function InviteCard({ room }: { room: Box['homeRoom'] }) {
  const { t } = useTranslation();
  const [who, setWho] = useState<Guest>('speaker');
  const url = who === 'speaker' ? room.speakerUrl : room.moderatorUrl;
  return (
    <Card
      title={t('overview.invite')}
      aside={
        <LinkButton href={url} target="_blank" variant="primary" icon={<DoorOpen size={18} aria-hidden />}>
          {t('overview.open')}
        </LinkButton>
      }
    >
      <InviteLink who={who} onWho={setWho} url={url} choice />
    </Card>
  );
}
