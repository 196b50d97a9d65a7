"""What a training log tells of its learning rate: findings with their numbers, and what to try next."""
