import { showHeader } from '../page/header.js';

showHeader();
