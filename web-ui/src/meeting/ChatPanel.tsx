/** Messages to everyone. Enter sends, Shift+Enter breaks the line. */
import { ArrowDown, SendHorizontal } from 'lucide-react';
import { Fragment, memo, useEffect, useId, useRef, useState, type ReactNode, type UIEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { formatTime } from '../lib/format';
import { hasFinePointer } from '../lib/pointer';
import { splitLinks } from '../lib/splitLinks';
import { Button, IconButton } from '../ui/Button';
import { showToast } from '../ui/toastStore';
import styles from './Chat.module.css';
import { LONGEST, type ChatLine } from './chat';
import type { MeetingChat } from './useMeetingChat';

/** This near to the end, in CSS pixels, one reads along. */
const NEAR = 48;

export function ChatPanel({ chat, canWrite }: { chat: MeetingChat; canWrite: boolean }) {
  const { t } = useTranslation();
  const { log, behind, toEnd, onScroll } = useReading(chat.lines.at(-1));
  return (
    <>
      {/* Scrolls: reachable by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div ref={log} className={styles.log} role="log" aria-label={t('chat.log')} tabIndex={0} onScroll={onScroll}>
        {chat.lines.length === 0 && <p className={styles.empty}>{t('chat.empty')}</p>}
        {chat.lines.map((line) => (
          <Line key={line.id} line={line} />
        ))}
      </div>
      {behind && (
        <div className={styles.behind}>
          <Button size="small" variant="primary" icon={<ArrowDown size={16} aria-hidden />} onPress={toEnd}>
            {t('chat.newer')}
          </Button>
        </div>
      )}
      {canWrite ? <Composer chat={chat} /> : <p className={styles.note}>{t('chat.readOnly')}</p>}
    </>
  );
}

/** Follows the newest line, unless the reader has scrolled back; then `behind` tells that there is more. */
function useReading(newest: ChatLine | undefined) {
  const log = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const [behind, setBehind] = useState(false);
  const toEnd = () => {
    log.current?.scrollTo({ top: log.current.scrollHeight });
    atEnd.current = true;
    setBehind(false);
  };
  useEffect(() => {
    if (!newest) return;
    if (atEnd.current || newest.own) log.current?.scrollTo({ top: log.current.scrollHeight });
    else setBehind(true);
  }, [newest]);
  const onScroll = ({ currentTarget: { scrollHeight, scrollTop, clientHeight } }: UIEvent) => {
    atEnd.current = scrollHeight - scrollTop - clientHeight < NEAR;
    if (atEnd.current) setBehind(false);
  };
  return { log, behind, toEnd, onScroll };
}

/** Drawn once: five hundred of them must not be drawn anew for each that comes. */
const Line = memo(function Line({ line }: { line: ChatLine }) {
  const { t } = useTranslation();
  return (
    <div className={styles.line} data-own={line.own || undefined}>
      <div className={styles.meta}>
        <b>{line.own ? t('chat.you') : <bdi>{line.name}</bdi>}</b> {formatTime(line.time)}
      </div>
      <div className={styles.text}>{withLinks(line.text)}</div>
    </div>
  );
});

function Composer({ chat }: { chat: MeetingChat }) {
  const { t } = useTranslation();
  const problem = useId();
  const { draft: text, setDraft: setText } = chat;
  const [sending, setSending] = useState(false);
  const { length } = text.trim();
  const isTooLong = length > LONGEST;
  const send = async () => {
    const message = text.trim();
    if (message === '' || sending || isTooLong) return;
    setSending(true);
    setText('');
    try {
      await chat.send(message);
    } catch {
      // Given back, before what was written meanwhile.
      setText((now) => [message, now].filter(Boolean).join('\n'));
      showToast(t('chat.failed'), 'bad');
    }
    setSending(false);
  };
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <textarea
        rows={1}
        autoFocus={hasFinePointer()}
        value={text}
        aria-invalid={isTooLong}
        aria-describedby={problem}
        aria-label={t('chat.placeholder')}
        placeholder={t('chat.placeholder')}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
          event.preventDefault();
          void send();
        }}
      />
      <IconButton
        type="submit"
        variant="primary"
        label={t('chat.send')}
        icon={<SendHorizontal size={20} aria-hidden />}
        isHeld={length === 0 || isTooLong}
      />
      <p id={problem} className={styles.problem} role="status">
        {isTooLong && t('chat.tooLong', { most: LONGEST, length })}
      </p>
    </form>
  );
}

function withLinks(text: string): ReactNode {
  return splitLinks(text).map((part, index) => (
    <Fragment key={index}>
      {part.href ? (
        <a href={part.href} target="_blank" rel="noopener noreferrer nofollow">
          {part.text}
        </a>
      ) : (
        part.text
      )}
    </Fragment>
  ));
}
