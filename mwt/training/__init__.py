"""One loop for standard training, modular training and fine-tuning; predictions and accuracy."""
