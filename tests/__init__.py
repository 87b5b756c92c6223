"""One file a module, plus the ones about the whole; benchmarks beside them, not collected."""
