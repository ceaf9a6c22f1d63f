"""The study: what is asked for, the store of finished runs, and the stages that fill it."""
