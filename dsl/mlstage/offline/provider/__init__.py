"""The stand-in for Pulumi's AWS provider: checks inputs, keeps state, refuses what AWS refuses, and makes nothing."""
