/** Name, end, and what is possible in the meeting. */
import page from '../page.module.css';
import { ConfigForm } from './ConfigForm';
import { GeneralForm } from './GeneralForm';
import { useRoom } from './useRoom';

export function SettingsTab() {
  const { room } = useRoom();
  const { roomName, autoDeletionDate, autoDeletionPolicy, config } = room;
  return (
    <div className={page.page}>
      {/* What was saved, also by others, becomes the new beginning. */}
      <GeneralForm key={JSON.stringify([roomName, autoDeletionDate, autoDeletionPolicy])} />
      {config && <ConfigForm key={JSON.stringify(config)} config={config} />}
    </div>
  );
}
