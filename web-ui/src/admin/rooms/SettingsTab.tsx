/** Name, end, and what is possible in the meeting. */
import page from '../page.module.css';
import { ConfigForm } from './ConfigForm';
import { GeneralForm } from './GeneralForm';
import { useRoom } from './useRoom';

export function SettingsTab() {
  const { config } = useRoom().room;
  return (
    <div className={page.page}>
      <GeneralForm />
      {config && <ConfigForm config={config} />}
    </div>
  );
}
