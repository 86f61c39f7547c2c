/** A picture of the recording, if there is one. */
import { Play } from 'lucide-react';
import { useState } from 'react';
import type { Recording } from '../../api/model';
import { recordingUrl } from '../../api/recordings';
import styles from './Recordings.module.css';
import { isPlayable } from './status';

export function Thumbnail({ recording }: { recording: Recording }) {
  const [missing, setMissing] = useState(false);
  return (
    <span className={styles.thumb}>
      {isPlayable(recording) && recording.hasThumbnail !== false && !missing && (
        <img src={recordingUrl(recording, 'thumbnail')} alt="" loading="lazy" onError={() => setMissing(true)} />
      )}
      <Play size={20} fill="currentColor" aria-hidden />
    </span>
  );
}
