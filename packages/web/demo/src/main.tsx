import { render } from 'preact';
import { App } from './components/App.js';
import { paceDrawing } from './paced.js';
import { start } from './state/start.js';

paceDrawing();
start();
const root = document.getElementById('app')!;
root.replaceChildren();
render(<App />, root);
