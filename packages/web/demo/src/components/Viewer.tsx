import { dismissPicture, stopAsking } from '../state/actions.js';
import { cameraOpen } from '../state/camera.js';
import { arrangement, main, secondModel } from '../state/desk.js';
import { shown } from '../state/shown.js';
import { Blank } from './Blank.js';
import { Camera } from './Camera.js';
import { Legend } from './Legend.js';
import { ProblemNote } from './ProblemNote.js';
import { Stage } from './Stage.js';
import { Waiting } from './Waiting.js';

/** The picture, large, with its map; and what the colours stand for. */
export function Viewer() {
  const { value } = shown;
  const both = value?.other !== undefined && arrangement.value === 'beside';
  return (
    <div class="viewing" id="viewing" tabIndex={-1}>
      <div class={both ? 'mat mat-two' : 'mat'}>
        {cameraOpen.value ? (
          <Camera />
        ) : (
          value && (
            <>
              <Stage main={value.main} other={both ? undefined : value.other} isMain captioned={both} />
              {both && <Stage main={value.other!} captioned />}
            </>
          )
        )}
        {!cameraOpen.value && <Waiting work={main} second={secondModel.value} onStop={stopAsking} />}
      </div>
      <ProblemNote place="link" />
      <ProblemNote place="picture" onDismiss={dismissPicture} />
      <Blank />
      <Legend />
    </div>
  );
}
