import { render } from 'preact';
import { watchConnection } from './app/connection.js';
import { watchKeys } from './app/keys.js';
import { watchLinks } from './app/router.js';
import { apply } from './app/settings.js';
import { beginAhead, Shell } from './app/shell.js';
import './styles/tokens.css';
import './styles/base.css';
import './styles/components.css';
import './styles/parts.css';
import './styles/shell.css';

apply();
watchConnection();
watchLinks();
watchKeys();
beginAhead(location.pathname);
render(<Shell />, document.getElementById('app')!);
