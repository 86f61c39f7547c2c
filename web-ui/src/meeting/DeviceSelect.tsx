/** Chooses a camera, microphone or loudspeaker; remembers the choice on this browser. */
import { Camera, Mic, Volume2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { recall, remember } from '../lib/storage';
import { Select } from '../ui/Select';
import { useDevices } from './useDevices';

const KINDS = {
  cam: { kind: 'videoinput', label: 'join.camera', Icon: Camera },
  mic: { kind: 'audioinput', label: 'join.microphone', Icon: Mic },
  speaker: { kind: 'audiooutput', label: 'join.speaker', Icon: Volume2 },
} as const;

export interface DeviceSelectProps {
  which: keyof typeof KINDS;
  /** Changes when devices may have become visible. */
  granted: unknown;
  /** The device in use now, when known. */
  active?: string | undefined;
  onChange: (deviceId: string) => void;
}

/** Shows nothing while the browser names no device. */
export function DeviceSelect({ which, granted, active, onChange }: DeviceSelectProps) {
  const { t } = useTranslation();
  const { kind, label, Icon } = KINDS[which];
  const devices = useDevices(kind, granted);
  const first = devices[0];
  if (!first) return null;
  const wanted = active ?? recall(which);
  const value = devices.some(({ id }) => id === wanted) && wanted ? wanted : first.id;
  return (
    <Select
      label={t(label)}
      icon={<Icon size={18} aria-hidden />}
      options={devices}
      value={value}
      onChange={(id) => {
        remember(which, id);
        onChange(id);
      }}
    />
  );
}
