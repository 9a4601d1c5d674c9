import './list.js';
import './button.js';

export * from './classes.js';
