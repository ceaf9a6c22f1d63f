"""Masks: generators and masked blocks, the losses, from sample masks to module masks."""
