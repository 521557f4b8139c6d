import { render } from 'preact';
import { App } from './components/App.js';
import { start } from './state/start.js';

start();
const root = document.getElementById('app')!;
root.replaceChildren();
render(<App />, root);
