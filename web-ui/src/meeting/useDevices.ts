/** The devices of one kind that the browser lets us see; follows plugging in and out. */
import { Room } from 'livekit-client';
import { useEffect, useState } from 'react';

export interface Device {
  id: string;
  label: string;
}

/** `granted` should change when the user has allowed devices: names are known only then. */
export function useDevices(kind: MediaDeviceKind, granted: unknown): Device[] {
  const [devices, setDevices] = useState<Device[]>([]);
  useEffect(() => {
    const media = navigator.mediaDevices as MediaDevices | undefined;
    if (!media) return;
    let current = true;
    const read = async () => {
      const found = await Room.getLocalDevices(kind, false).catch(() => []);
      if (current) setDevices(named(found));
    };
    void read();
    media.addEventListener('devicechange', read);
    return () => {
      current = false;
      media.removeEventListener('devicechange', read);
    };
  }, [kind, granted]);
  return devices;
}

/** Before permission a browser gives entries without id and name: those help nobody. */
function named(found: MediaDeviceInfo[]): Device[] {
  return found.filter(({ deviceId, label }) => deviceId && label).map(({ deviceId: id, label }) => ({ id, label }));
}
