import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { takePicture } from '../state/actions.js';
import { cameraOpen } from '../state/camera.js';
import { report } from '../state/problem.js';
import { jumpTo } from './jump.js';

/** The camera's view in the picture's place, until a picture is taken. */
export function Camera() {
  const video = useRef<HTMLVideoElement>(null);
  const ready = useSignal(false);
  useEffect(() => {
    let stream: MediaStream | undefined;
    let closed = false;
    const stop = (): void => {
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
    openCamera()
      .then((opened) => {
        stream = opened;
        if (closed) return stop();
        video.current!.srcObject = opened;
        return video.current!.play();
      })
      .catch((error: unknown) => {
        if (closed) return;
        cameraOpen.value = false;
        report('picture', { code: 'no-camera', message: reasonOf(error) });
      });
    return () => {
      closed = true;
      stop();
    };
  }, []);
  const shoot = async (): Promise<void> => {
    const { videoWidth, videoHeight } = video.current!;
    const canvas = new OffscreenCanvas(videoWidth, videoHeight);
    canvas.getContext('2d')!.drawImage(video.current!, 0, 0);
    takePicture(await canvas.convertToBlob({ type: 'image/png' }), `camera ${new Date().toLocaleTimeString()}`);
    cameraOpen.value = false;
    // The button that had the focus is gone, and with it, in some browsers, the place on the page.
    jumpTo('viewing');
  };
  return (
    <div class="camera">
      <video
        ref={video}
        muted
        playsInline
        aria-label="What the camera sees"
        onLoadedData={() => {
          ready.value = true;
        }}
      />
      <div class="camera-controls">
        <button type="button" class="button button-strong" disabled={!ready.value} onClick={() => void shoot()}>
          Take the picture
        </button>
        <button
          type="button"
          class="button"
          onClick={() => {
            cameraOpen.value = false;
          }}
        >
          Back
        </button>
      </div>
    </div>
  );
}

async function openCamera(): Promise<MediaStream> {
  if (!navigator.mediaDevices) throw new Error('This browser offers no camera to this page.');
  return navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1280 } } });
}

function reasonOf(error: unknown): string {
  const { name, message } = error as Error;
  if (name === 'NotAllowedError')
    return 'The camera may not be used: the browser or you refused it. Allow it in the site’s settings, or open a picture.';
  if (name === 'NotFoundError') return 'There is no camera here. Open or paste a picture instead.';
  return `The camera cannot be used: ${message} Open or paste a picture instead.`;
}
