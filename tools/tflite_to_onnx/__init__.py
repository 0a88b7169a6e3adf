"""Converts the TFLite graphs of Google MediaPipe's vision models to ONNX, with their custom operations."""
