"""A person who uses the LiveKit SDK for Python: sends a colour and a tone, keeps what others send."""

import asyncio
from collections import defaultdict, deque

import numpy as np
from google.protobuf.json_format import MessageToDict
from livekit import rtc
from PIL import Image

from .sounds import RATE

FPS = 15
TOLD = {
    *("ssrc", "packets_received", "packets_lost", "bytes_received", "last_packet_received_timestamp", "jitter"),
    *("frames_received", "frames_decoded", "key_frames_decoded", "frames_dropped", "frame_width", "frame_height"),
    *("frames_rendered", "nack_count", "pli_count", "fir_count", "freeze_count", "packets_discarded"),
    *("retransmitted_packets_received", "retransmitted_bytes_received", "total_samples_received", "concealed_samples"),
}
AUDIO_BLOCK = RATE // 100


class Client:
    def __init__(self, name):
        self.name = name
        self.room = rtc.Room()
        self.tasks = set()
        self.failures = []  # what ended a task of this client that should have gone on
        self.pictures = {}
        self.frames = defaultdict(int)
        self.sounds = defaultdict(lambda: deque(maxlen=300))
        self.data = []
        self.muted = {}
        self.disconnected = None
        self.reconnected = 0
        self.video = self.audio = None
        self._listen()

    # --- coming and going --------------------------------------------------------------------------------------------

    async def connect(self, box, role="speaker", single=True, token=None, url=None):
        """Join with a token from the room's link; `single`: one peer connection (v1) or two (v0)."""
        token = token or await box.token(role, self.name)
        options = rtc.RoomOptions(auto_subscribe=True, single_peer_connection=single)
        await asyncio.wait_for(self.room.connect(url or box.livekit_url, token, options), 20)
        return self

    async def close(self):
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        self.tasks.clear()
        if self.room.isconnected():
            await asyncio.wait_for(self.room.disconnect(), 10)

    # --- sending -----------------------------------------------------------------------------------------------------

    async def publish(self, color=None, tone=None, size=(640, 360), simulcast=True):
        if color is not None:
            source = rtc.VideoSource(*size)
            track = rtc.LocalVideoTrack.create_video_track("camera", source)
            options = rtc.TrackPublishOptions(
                source=rtc.TrackSource.SOURCE_CAMERA, simulcast=simulcast, video_codec=rtc.VideoCodec.VP8
            )
            self.video = await self.room.local_participant.publish_track(track, options)
            self._spawn(self._send_pictures(source, color, size))
        if tone is not None:
            source = rtc.AudioSource(RATE, 1, queue_size_ms=200)
            track = rtc.LocalAudioTrack.create_audio_track("microphone", source)
            options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_MICROPHONE)
            self.audio = await self.room.local_participant.publish_track(track, options)
            self._spawn(self._send_tone(source, tone))

    async def _send_pictures(self, source, color, size):
        width, height = size
        picture = np.empty((height, width, 4), dtype=np.uint8)
        side = height // 12
        step = 0
        clock = asyncio.get_running_loop().time
        due = clock()
        while True:
            picture[:] = (*color, 255)
            left = step * 8 % (width - side)
            picture[-side:, left : left + side] = (0, 0, 0, 255)
            source.capture_frame(rtc.VideoFrame(width, height, rtc.VideoBufferType.RGBA, picture.tobytes()))
            step += 1
            due = max(due + 1 / FPS, clock())
            await asyncio.sleep(due - clock())

    async def _send_tone(self, source, tone):
        start = 0
        while True:
            at = np.arange(start, start + AUDIO_BLOCK)
            samples = (9000 * np.sin(2 * np.pi * tone * at / RATE)).astype(np.int16)
            await source.capture_frame(rtc.AudioFrame(samples.tobytes(), RATE, 1, AUDIO_BLOCK))
            start += AUDIO_BLOCK

    async def send(self, payload, reliable=True, topic="test", to=()):
        await self.room.local_participant.publish_data(payload, reliable=reliable, topic=topic, destination_identities=list(to))

    # --- receiving ---------------------------------------------------------------------------------------------------

    def picture_of(self, identity):
        """The last decoded frame of a participant, or None."""
        return self.pictures.get(identity)

    def sound_of(self, identity):
        """The last three seconds heard of a participant as int16 samples."""
        blocks = self.sounds[identity]
        return np.concatenate(blocks) if blocks else np.zeros(0, dtype=np.int16)

    def identity_of(self, name):
        for participant in self.room.remote_participants.values():
            if participant.name == name:
                return participant.identity
        return None

    async def received(self):
        """What each track that this client receives has come to, one line per track, and what this client itself saw."""
        counts = {identity: self.frames[identity] for identity in self.frames}
        lines = [f"  pictures {counts}, sound of {list(self.sounds)}, {len(self.tasks)} tasks, failed: {self.failures}"]
        for participant in self.room.remote_participants.values():
            for publication in participant.track_publications.values():
                if publication.track is None:
                    lines.append(f"  {participant.name} {publication.sid}: not subscribed")
                    continue
                for entry in await asyncio.wait_for(publication.track.get_stats(), 5):
                    if entry.HasField("inbound_rtp"):
                        told = MessageToDict(entry.inbound_rtp, preserving_proto_field_name=True)
                        kept = {key: value for part in told.values() for key, value in part.items() if key in TOLD and value}
                        lines.append(f"  {participant.name} {publication.sid}: {kept}")
        return "\n".join(lines)

    def _listen(self):
        self.room.on("track_subscribed", self._on_track)
        self.room.on("data_received", self.data.append)
        self.room.on("track_muted", lambda participant, publication: self.muted.update({publication.sid: True}))
        self.room.on("track_unmuted", lambda participant, publication: self.muted.update({publication.sid: False}))
        self.room.on("disconnected", self._on_disconnected)
        self.room.on("reconnected", self._on_reconnected)

    def _on_track(self, track, publication, participant):
        if track.kind == rtc.TrackKind.KIND_VIDEO:
            self._spawn(self._watch(track, participant.identity))
        else:
            self._spawn(self._hear(track, participant.identity))

    def _on_disconnected(self, reason):
        self.disconnected = reason

    def _on_reconnected(self):
        self.reconnected += 1

    async def _watch(self, track, identity):
        stream = rtc.VideoStream(track, format=rtc.VideoBufferType.RGB24, capacity=1)
        try:
            async for event in stream:
                frame = event.frame
                self.frames[identity] += 1
                self.pictures[identity] = Image.frombytes("RGB", (frame.width, frame.height), bytes(frame.data))
        finally:
            await stream.aclose()

    async def _hear(self, track, identity):
        stream = rtc.AudioStream(track, sample_rate=RATE, num_channels=1)
        try:
            async for event in stream:
                self.sounds[identity].append(np.frombuffer(event.frame.data, dtype=np.int16).copy())
        finally:
            await stream.aclose()

    def _spawn(self, coroutine):
        task = asyncio.create_task(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self._note_end)

    def _note_end(self, task):
        self.tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.failures.append(repr(task.exception()))
