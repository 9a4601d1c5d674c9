import './button.js';
import './list.js';

export * from './classes.js';
