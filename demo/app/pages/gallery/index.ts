import { showHeader } from '../settings/header.js';

showHeader();
