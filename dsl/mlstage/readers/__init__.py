"""Infrastructure as graphs: what Pulumi's engine or a preview says, in the vocabulary that targets write.

`pulumi_values` and `pulumi_stack` turn the engine's resources into a graph, `pulumi_preview` a saved preview; a reader
of another tool gives the same graph. `policy_pack` judges for the engine.
"""
