// Whether the camera is in use. Its picture goes where every other picture goes: nowhere else.
import { signal } from '@preact/signals';

export const cameraOpen = signal(false);
